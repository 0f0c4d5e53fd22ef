import cv2
import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.media.contact_sheet import burn_in, contact_sheet
from secondunit.media.png import write_png


def plain(colour, height=60, width=90):
    return np.full((height, width, 3), colour, dtype=np.uint8)


def test_every_picture_is_on_the_sheet_in_reading_order():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200)]
    sheet = contact_sheet([plain(c) for c in colours], columns=3, cell_width=90)
    gap = 16
    for number, colour in enumerate(colours):
        x, y = gap + number % 3 * (90 + gap), gap + number // 3 * (60 + gap)
        assert (sheet[y : y + 60, x : x + 90] == colour).all()
    assert sheet.shape == (gap + 2 * (60 + gap), gap + 3 * (90 + gap), 3)


def test_words_take_room_and_show():
    bare = contact_sheet([plain(90)] * 2, columns=2, cell_width=300)
    told = contact_sheet([plain(90)] * 2, columns=2, cell_width=300, labels=["a\nb", "c"], title="T", subtitle="s")
    assert told.shape[0] > bare.shape[0] + 60
    assert told[:40].max() > 200
    assert np.array_equal(
        told, contact_sheet([plain(90)] * 2, columns=2, cell_width=300, labels=["a\nb", "c"], title="T", subtitle="s")
    )


def test_pictures_of_other_shapes_are_fitted():
    sheet = contact_sheet([plain(255), plain(255, 90, 30)], columns=2, cell_width=90)
    tall = sheet[16:76, 122:212]
    assert (tall[:, 45] == 255).all()
    assert (tall[:, 5] < 60).all()


def test_long_words_do_not_leave_their_cell():
    sheet = contact_sheet([plain(0)] * 2, columns=2, cell_width=120, labels=["word " * 60, ""])
    assert sheet[16 + 80 + 2 :, 16 + 120 + 2 : 16 + 120 + 14].max() < 40


@pytest.mark.parametrize(
    "images, options",
    [
        ([], {"columns": 2}),
        ([plain(0)], {"columns": 0}),
        ([plain(0)], {"columns": 1, "labels": ["a", "b"]}),
        ([np.zeros((4, 4, 3), np.float32)], {"columns": 1}),
        ([np.zeros((4, 4), np.uint8)], {"columns": 1}),
    ],
    ids=["none", "no column", "captions", "float", "grey"],
)
def test_refuses(images, options):
    with pytest.raises(BriefError):
        contact_sheet(images, **options)


def test_burn_in_marks_a_copy():
    picture = plain(128, 300, 434)
    marked = burn_in(picture, text_left="SHW_SEQ_0010 take 01", text_right="1013", mark="AI temp")
    assert (picture == 128).all()
    assert marked.shape == picture.shape
    assert (marked[60:270] == 128).all()
    assert (marked[-4:, 200] < 60).all()
    corner = marked[:40, -110:].astype(int)
    assert ((corner[..., 0] - corner[..., 2]) > 100).sum() > 40
    assert np.array_equal(burn_in(picture), picture)


@pytest.mark.parametrize("size", [(16, 16), (1080, 1920), (200, 40)])
def test_burn_in_at_any_size(size):
    picture = plain(128, *size)
    assert not np.array_equal(burn_in(picture, text_left="a" * 50, text_right="1001", mark="AI temp"), picture)


@pytest.mark.parametrize(
    "shape, dtype", [((8, 9), np.uint8), ((8, 9, 3), np.uint8), ((8, 9, 4), np.uint8), ((8, 9, 3), np.uint16)]
)
def test_png_is_exact_and_repeatable(tmp_path, shape, dtype):
    image = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    write_png(tmp_path / "a.png", image)
    write_png(tmp_path / "b.png", image)
    back = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    if len(shape) == 3:
        back = back[..., [2, 1, 0, 3][: shape[2]]]
    assert np.array_equal(back, image)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8)]
)
def test_no_png(tmp_path, image):
    with pytest.raises(BriefError, match="is no PNG"):
        write_png(tmp_path / "a.png", image)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BriefError, match="cannot write"):
        write_png(tmp_path / "file" / "a.png", np.zeros((4, 4), np.uint8))

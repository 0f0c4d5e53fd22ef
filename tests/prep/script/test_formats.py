import io
import time
import zipfile
from pathlib import Path

import pytest

from secondunit.core.errors import BriefError
from secondunit.prep.script.open_script import LIMIT, open_script, parse_script
from secondunit.prep.script.pages import eighths, lines_of, said_eighths, scene_lines
from secondunit.prep.script.scenes import scenes_of
from secondunit.prep.script.script import Element, Script


def rows(script: Script) -> list[tuple]:
    return [(e.kind, e.text.upper() if e.kind == "heading" else e.text, e.extension) for e in script.elements]


@pytest.mark.parametrize(
    "name",
    ["TestFDX-FD.fountain", "TestFDX-FI.fdx", "TestFDX-FI.fadein", "TestFDX-FI.fountain"]
    + [f"TestFDX-FD-Write-{language}.fdx" for language in ("cpp", "csharp", "js", "py")],
)
def test_twins_read_alike(name: str, screenplays: Path):
    folder = screenplays / "screenplay_tools"
    one, other = open_script(folder / "TestFDX-FD.fdx").script, open_script(folder / name).script
    assert rows(other) == rows(one)
    for mine, theirs in zip(scenes_of(one), scenes_of(other), strict=True):
        same = ("number", "int_ext", "set_name", "time_of_day", "eighths", "page")
        assert [getattr(mine, key) for key in same] == [getattr(theirs, key) for key in same]


@pytest.mark.parametrize("name", ["header_note", "note", "synopsis"])
def test_notes_and_summaries_are_no_prose(name: str, screenplays: Path):
    folder = screenplays / "afterwriting/test/data/screenplays/fdx"
    kept = ("heading", "action", "dialogue", "character")
    fdx, fountain = (
        [row for row in rows(open_script(folder / f"{name}.{end}").script) if row[0] in kept]
        for end in ("fdx", "fountain")
    )
    assert fdx == fountain


def test_eighths_are_final_drafts_own(screenplays: Path):
    # The file states the length that Final Draft itself measured: 3/8 and 2/8.
    path = screenplays / "screenplay_tools" / "TestFDX-FD.fdx"
    stated = [part.split('"')[0] for part in path.read_text().split('SceneProperties Length="')[1:]]
    assert [said_eighths(scene.eighths) for scene in scenes_of(open_script(path).script)] == stated == ["3/8", "2/8"]


def test_a_feature_has_its_pages(screenplays: Path):
    scenes = scenes_of(open_script(screenplays / "fountain_official" / "Big Fish.fountain").script)
    assert 118 <= scenes[-1].page <= 132
    assert abs(sum(scene.eighths for scene in scenes) / 8 - scenes[-1].page) < 4


def test_paper_is_counted_in_columns():
    wide = Element(kind="dialogue", text="病" * 18, line=1, last_line=1)
    narrow = Element(kind="dialogue", text="a" * 35, line=1, last_line=1)
    assert (lines_of(wide), lines_of(narrow)) == (2.0, 1.0)
    assert eighths(0.5) == 1


def test_two_who_speak_at_once_share_the_paper():
    def speech(name: str, *, dual: bool, words: int) -> list[Element]:
        text = " ".join(["word"] * words)
        return [
            Element(kind="character", text=name, line=1, last_line=1, dual=dual),
            Element(kind="dialogue", text=text, line=2, last_line=2),
        ]

    one, two = speech("A", dual=False, words=7), speech("B", dual=True, words=28)
    assert scene_lines([*one, *two]) == scene_lines(two)
    assert scene_lines([*two, *one]) > scene_lines(two)


def fdx(body: str) -> bytes:
    return f'<?xml version="1.0"?><FinalDraft DocumentType="Script"><Content>{body}</Content></FinalDraft>'.encode()


def test_final_draft_details():
    body = (
        '<Paragraph Type="Scene Heading" Number="4A"><Text>INT. BAR - </Text><Text Style="AllCaps">night</Text>'
        "</Paragraph>"
        '<Paragraph><DualDialogue><Paragraph Type="Character"><Text>ANNA (V.O.)</Text></Paragraph>'
        '<Paragraph Type="Dialogue"><Text>Yes.</Text></Paragraph>'
        '<Paragraph Type="Character"><Text>Bo</Text></Paragraph>'
        '<Paragraph Type="Dialogue"><Text>No.</Text></Paragraph></DualDialogue></Paragraph>'
    )
    elements = parse_script(fdx(body), kind="fdx", name="a.fdx").elements
    assert (elements[0].text, elements[0].number) == ("INT. BAR - NIGHT", "4A")
    assert [(e.text, e.extension, e.dual) for e in elements if e.kind == "character"] == [
        ("ANNA", "(V.O.)", False),
        ("BO", "", True),
    ]


def packed(document: bytes, name: str = "document.xml") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, document)
    return stream.getvalue()


def lying_zip() -> bytes:
    """An archive that states less than it unpacks to."""
    data = bytearray(packed(b"<document>" + b" " * (LIMIT + 10) + b"</document>"))
    size = (LIMIT + 21).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


BOMB = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n > 1 else b"") * 10) for n in range(1, 9)
)
HOSTILE = {
    "entities": ("fdx", BOMB + b"]><FinalDraft>&a8;</FinalDraft>", "document type"),
    "external entity": ("fdx", b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:a">]><FinalDraft>&x;</FinalDraft>', "document"),
    "deep": ("fdx", b"<FinalDraft>" + b"<a>" * 300_000, "nests deeper"),
    "many texts": ("fdx", b"<FinalDraft><Content><Paragraph><Text>" + b"a&#65;" * 1_000_000, "more than"),
    "many tags": ("fdx", b"<FinalDraft><Content>" + b"<Paragraph/>" * 250_000, "more than"),
    "many lines": ("fdx", b"<FinalDraft><Content><Paragraph><Text>" + b"\n" * 7_000_000, "too many tags or lines"),
    "many attributes": ("fdx", b"<FinalDraft " + b'a="1" ' * 400_000 + b"/>", "a tag too long"),
    "broken": ("fdx", b"<FinalDraft><Content><Paragraph>", "not whole XML"),
    "not XML": ("fdx", b"%PDF-1.7 nothing", "not whole XML"),
    "other XML": ("fdx", b"<html><body>INT. A - DAY</body></html>", "no Final Draft script"),
    "unknown encoding": ("fdx", b'<?xml version="1.0" encoding="klingon"?><FinalDraft/>', "not whole XML"),
    "zip bomb": ("fadein", packed(b"<document>" + b" " * 9_000_000), "unpacks to"),
    "lying zip": ("fadein", lying_zip(), "unpacks to|not a whole archive"),
    "zip without document": ("fadein", packed(b"x", "other.xml"), "no document.xml"),
    "half a zip": ("fadein", packed(b"<document/>")[:40], "not a whole archive"),
    "bomb in a zip": ("fadein", packed(BOMB + b"]><document>&a8;</document>"), "document type"),
    "nothing": ("fountain", b"", "no screenplay"),
    "bytes": ("fountain", bytes(range(256)) * 40, "control characters|no text"),
    "half UTF-16": ("fountain", "INT. A".encode("utf-16") + b"\x00", "not whole utf-16"),
    "lines": ("fountain", b"a\n" * 450_000, "lines"),
    "paragraphs": ("fountain", b"a\n\n" * 120_000, "paragraphs"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_scripts_are_refused_soon_and_clearly(case: str):
    kind, data, said = HOSTILE[case]
    began = time.thread_time()
    with pytest.raises(BriefError, match=said) as caught:
        parse_script(data, kind=kind, name="it")  # type: ignore[arg-type]
    assert time.thread_time() - began < 10.0
    assert caught.value.message.startswith("it ")
    assert caught.value.fix


HARD = {
    "brackets": b"[[" * 1_000_000,
    "boneyards": b"/*" * 600_000 + b"/*a*/" * 400_000 + b"\n\nend",
    "one line": b"INT. A - DAY\n\n" + b"a" * 7_900_000,
    "dashes": b"INT. A" + b" - " * 100_000,
    "cue": b"A" + b" (b)" * 60_000 + b"\nsays",
    "title": b"a: b\n" * 300_000,
    "hashes": b"INT. A" + b" #a" * 80_000,
    "capitals": b"INT. A - DAY\n\n" + b"AB " * 1_000_000,
}


@pytest.mark.parametrize("case", HARD)
def test_hard_texts_take_no_time(case: str):
    began = time.thread_time()
    parse_script(HARD[case], kind="fountain", name="it")
    assert time.thread_time() - began < 10.0


def test_size_suffix_and_folder(tmp_path: Path):
    big = tmp_path / "big.fountain"
    big.write_bytes(b"a" * 10_000_000)
    for path, said in (
        (big, "10.0 MB"),
        (tmp_path / "a.pdf", "cannot|not a script"),
        (tmp_path / "no.fdx", "cannot be"),
    ):
        with pytest.raises(BriefError, match=said):
            open_script(path)
    folder = tmp_path / "a.fdx"
    folder.mkdir()
    with pytest.raises(BriefError, match="folder"):
        open_script(folder)


def test_a_script_is_never_opened_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import os

    path = tmp_path / "a.fountain"
    path.write_text("INT. A - DAY\n\nx\n")
    path.chmod(0o444)
    flags = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda name, flag, *more: flags.append(flag) or real(name, flag, *more))
    before = path.stat()
    reading = open_script(path)
    assert flags == [os.O_RDONLY, os.O_RDONLY]
    assert reading.sha256_before == reading.sha256_after == reading.script.sha256
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)

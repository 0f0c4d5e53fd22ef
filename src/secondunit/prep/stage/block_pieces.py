"""What set blocks are put together from: materials, boxes in one mesh, a piece in its place."""

from collections.abc import Sequence

from secondunit.prep.stage.geometry import (
    Material,
    Mesh,
    Part,
    box,
    merge,
    rotation,
    translation,
)

MATERIALS = (
    Material(name="block_wall", base_color=(0.62, 0.6, 0.56)),
    Material(name="block_trim", base_color=(0.72, 0.7, 0.66)),
    Material(name="block_floor", base_color=(0.42, 0.38, 0.33)),
    Material(name="block_wood", base_color=(0.32, 0.24, 0.17), roughness=0.6),
    Material(name="block_cloth", base_color=(0.4, 0.38, 0.38)),
    Material(name="block_dark", base_color=(0.08, 0.08, 0.085), roughness=0.7),
    Material(name="block_glass", base_color=(0.06, 0.07, 0.08), roughness=0.12, glass=True),
    Material(name="block_light", base_color=(0.85, 0.85, 0.84)),
    Material(name="block_facade", base_color=(0.56, 0.53, 0.48)),
    Material(name="block_facade_2", base_color=(0.44, 0.37, 0.32)),
    Material(name="block_road", base_color=(0.4, 0.4, 0.4)),
    Material(name="block_pavement", base_color=(0.52, 0.51, 0.49)),
    Material(name="block_grass", base_color=(0.5, 0.5, 0.4)),
    Material(name="block_leaf", base_color=(0.26, 0.3, 0.18)),
    Material(name="block_bark", base_color=(0.24, 0.2, 0.16)),
    Material(name="block_metal", base_color=(0.3, 0.3, 0.31), roughness=0.4),
    Material(name="block_water", base_color=(0.35, 0.4, 0.42), roughness=0.2),
)


def put(mesh: Mesh, x: float = 0.0, z: float = 0.0, *, turn: float = 0.0, y: float = 0.0) -> Part:
    """Return a mesh in its place on the floor, turned about its own middle."""
    return Part(mesh=mesh, transform=translation(x, y, z) @ rotation("y", turn))


def boxes(path: str, material: str, rows: Sequence[tuple[float, float, float, float, float, float]]) -> Mesh:
    """Return one mesh of boxes, each x, y, z of its foot and width, height, depth."""
    return merge(path, [box(path, (w, h, d), material, at=(x, y, z)) for x, y, z, w, h, d in rows])

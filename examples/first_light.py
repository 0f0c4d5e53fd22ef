"""From a photograph to a finished, signed shot: python examples/first_light.py building.jpg SHOW."""

import sys
from pathlib import Path

from secondunit.show import (
    Approver,
    ShowSettings,
    UseBrief,
    add_person,
    approve,
    create_show,
    finish,
    init_keys,
    init_shot,
    opt_in,
    take,
    would_say,
)

PEOPLE = {"studio": "Sam House", "legal": "Lee Gal", "vfx_supervisor": "Vi Lens", "director": "Bo Other"}
USE = UseBrief(  # what only a person knows; without it more people are asked
    output_use="final_incidental",
    purpose="a building comes down in the background",
    in_dialogue="no",
    story_relevant="no",
    resembles=("place",),
    presented="fiction",
    covered_role="none",
    director_answer="yes",
    similarity="no",
    plate_rights="owned",
    plate_personal_data="no",
    plate_confidentiality="open",
    plate_mark="no",
)


def main(plate: str, folder: str) -> None:
    people = tuple(Approver(name=name, role=role) for role, name in PEOPLE.items())
    settings = ShowSettings(code="SHW", artist="Ada Example", use=USE, approvers=people)
    show = create_show(Path(folder), settings)
    guess = init_shot(show, "SEQ_0010", plate=plate)
    print(f"look at {guess.sheet}, edit {guess.brief}")
    drafts = take(show, "SEQ_0010", takes=4)
    print(f"takes side by side: {drafts[0].side_by_side}")
    init_keys(show)
    for role, name in {"artist": settings.artist, **PEOPLE}.items():
        add_person(show, name=name, role=role)  # each with a key of their own, outside the show
    opt_in(show, "SEQ_0010")
    print(f"still to approve: {would_say(show, 'SEQ_0010', take=1).verdict.roles}")
    for role, name in PEOPLE.items():
        approve(show, "SEQ_0010", take=drafts[0].take.number, by=name, role=role, proxy=drafts[0].movie)
    print(f"finished: {finish(show, 'SEQ_0010', take=drafts[0].take.number).movie}")


if __name__ == "__main__":  # frames are made in processes that import this file again
    main(*sys.argv[1:3])

"""From a photograph to a finished shot in a dozen lines: python examples/first_light.py building.jpg SHOW."""

import sys
from pathlib import Path

from secondunit.show import Approver, ShowSettings, approve, create_show, finish, init_shot, take


def main(plate: str, folder: str) -> None:
    bo = Approver(name="Bo Other", role="vfx_supervisor")
    show = create_show(Path(folder), ShowSettings(code="SHW", artist="Ada Example", approvers=(bo,)))
    guess = init_shot(show, "SEQ_0010", plate=plate)
    print(f"look at {guess.sheet}, edit {guess.brief}")
    drafts = take(show, "SEQ_0010", takes=4)
    print(f"takes side by side: {drafts[0].side_by_side}")
    approve(show, "SEQ_0010", take=drafts[0].take.number, by=bo.name, role=bo.role)
    print(f"finished: {finish(show, 'SEQ_0010', take=drafts[0].take.number).movie}")


if __name__ == "__main__":  # frames are made in processes that import this file again
    main(*sys.argv[1:3])

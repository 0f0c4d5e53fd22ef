"""Final Draft (.fdx), versions 8 to 13: the paragraphs of its content."""

from secondunit.core.errors import BriefError
from secondunit.prep.script.paragraphs import Paragraph, elements_of
from secondunit.prep.script.script import Element
from secondunit.prep.script.xml_guard import read_xml

_ASIDE = frozenset(("ScriptNote", "SceneProperties", "Summary", "DynamicLabel"))
"""Tags inside a paragraph whose text is not the screenplay's."""


def read_final_draft(data: bytes, *, name: str) -> tuple[Element, ...]:
    """Read a script.

    Raises
    ------
    BriefError
        It is no XML, or XML of something else, or made to harm.
    """
    pages = _Pages()
    read_xml(data, pages, name=name)
    if pages.root != "FinalDraft":
        raise BriefError(f"{name} is no Final Draft script", fix="export it from Final Draft as .fdx")
    return elements_of(pages.paragraphs)


class _Pages:
    """Listens to a script: paragraphs directly in its content, or in a dual dialogue there."""

    def __init__(self) -> None:
        self.root = ""
        self.paragraphs: list[Paragraph] = []
        self._path: list[str] = []
        self._aside = 0
        self._dual = 0
        self._open: tuple[str, str, int] | None = None
        self._text: list[str] = []
        self._capitals = False
        self._line = 0

    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.root = self.root or name
        self._path.append(name)
        self._line = line
        if name in _ASIDE:
            self._aside += 1
        elif name == "DualDialogue":
            self._dual = 1
            if self._open:  # a wrapper with no text of its own
                self._open, self._text = None, []
        elif name == "Paragraph" and not self._aside and self._is_content():
            kind = attributes.get("Type", "Action")
            if attributes.get("Alignment") == "Center" and kind in ("Action", "General"):
                kind = "centered"
            if attributes.get("StartsNewPage") == "Yes" and self.paragraphs:
                self.paragraphs.append(Paragraph(style="page break", text="", line=line, last_line=line))
            self._open, self._text = (kind, attributes.get("Number", ""), line), []
        elif name == "Text" and self._open:
            self._capitals = "AllCaps" in attributes.get("Style", "")

    def end(self, name: str) -> None:
        if name in _ASIDE:
            self._aside -= 1
        elif name == "DualDialogue":
            self._dual = 0
        elif name == "Paragraph" and self._open and not self._aside:
            self._close()
        self._path.pop()

    def text(self, text: str) -> None:
        if self._open and not self._aside and self._path[-1] == "Text":
            self._text.append(text.upper() if self._capitals else text)

    def _is_content(self) -> bool:
        inside = [tag for tag in self._path[:-1] if tag not in ("DualDialogue", "Paragraph")]
        return inside == ["FinalDraft", "Content"]

    def _close(self) -> None:
        if not self._open:
            return
        kind, number, line = self._open
        if self._dual and kind == "Character" and self.paragraphs and self._spoke():
            self._dual = 2
        text = "".join(self._text)
        self.paragraphs.append(
            Paragraph(style=kind, text=text, line=line, last_line=self._line, number=number, dual=self._dual)
        )
        self._open, self._text = None, []

    def _spoke(self) -> bool:
        return any(p.dual and p.style == "Character" for p in self.paragraphs[-12:])

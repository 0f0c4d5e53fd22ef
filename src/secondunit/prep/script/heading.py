"""Scene headings: inside or outside, which place, what light."""

import re
from dataclasses import dataclass
from typing import Final

from secondunit.prep.script.heading_words import WORD, Light, heading_words

_NUMBER: Final = re.compile(r"\s*#([\w.\-–]{1,20})#((?:\s+#\S+)*)\s*$")
_TAGS: Final = re.compile(r"(?:\s+#[^\s#]+)+\s*$")
_DASH: Final = re.compile(r"\s+[-–—]+\s+|\s*[-–—]+\s+|\s+[-–—]+\s*|[–—―]|(?<=[^\x00-\x7f])[-－](?=[^\x00-\x7f])|[、，]")
_IDEOGRAPH: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_NUMBERED: Final = re.compile(
    r"(?:第\s*(?P<a>[\d一二三四五六七八九十百零]+)\s*[场場]|场景\s*(?P<b>[\d一二三四五六七八九十百零]+)"
    r"|(?P<c>\d+(?:[-－]\d+)?)\s*[.、．])[\s:：,，]*(?P<rest>\S.*)"
)
_MARKED: Final = re.compile(r"[○〇◯]\s*(?P<rest>\S.*)")
_EMPHASIS: Final = re.compile(r"^[*_]+|[*_]+$")
_MARGIN: Final = re.compile(r"(?P<number>[A-Z]{0,2}\d{1,4}[A-Z]{0,2})[.)]?\s+(?P<rest>\S.*?)(?:\s+(?P=number)[.)]?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a scene heading says."""

    int_ext: str
    """INT, EXT or INT/EXT; empty where it does not say."""
    place: str
    """In capitals."""
    time_of_day: str
    """As written, in capitals."""
    light: Light


def split_number(line: str) -> tuple[str, str]:
    """Return a heading without its scene number and tags, and the number.

    >>> split_number("INT. HOUSE - DAY #110A#"), split_number("EXT. ROAD")
    (('INT. HOUSE - DAY', '110A'), ('EXT. ROAD', ''))
    """
    found = _NUMBER.search(line)
    if found:
        return line[: found.start()].strip(), found[1]
    return _TAGS.sub("", line).strip(), ""


def margin_number(line: str) -> tuple[str, str]:
    """Return a heading of a printed script without the number in its margins, and the number.

    >>> margin_number("12A  INT. HOUSE - DAY   12A")
    ('INT. HOUSE - DAY', '12A')
    """
    found = _MARGIN.fullmatch(line.strip())
    if found and is_heading(found["rest"]):
        return found["rest"].strip(), found["number"]
    return line.strip(), ""


def is_heading(line: str) -> bool:
    """Whether a line reads as a scene heading in any language known.

    >>> [is_heading(s) for s in ("INT. HOUSE - DAY", "int. house", "INTERCOM", "Est-ce que", "НАТ. ДВОР - ДЕНЬ")]
    [True, True, False, False, True]
    """
    line = _EMPHASIS.sub("", line.strip())
    if len(line) > 300:
        return False
    found = heading_words().beginning.match(line)
    if found:
        places, stop = found["places"], found["stop"]
        if _IDEOGRAPH.search(places):
            return len(line) <= 60
        if "/" in places or "\\" in places:
            return True
        if len(places) >= WORD:
            return line == line.upper()
        return places == places.upper() if not stop.strip(" \t") or stop.strip() in "-–—" else True
    if not _IDEOGRAPH.search(line) or len(line) > 60:
        return False
    if _MARKED.fullmatch(line):
        return True
    numbered = _NUMBERED.fullmatch(line)
    return bool(numbered and (numbered["a"] or numbered["b"] or read_heading(line).light))


def read_heading(line: str) -> Heading:
    """Return what a heading says. A forced heading without INT or EXT is all place, save the time of day.

    >>> read_heading("INT./EXT. BLOOM HOUSE - (PRESENT) DAY")
    Heading(int_ext='INT/EXT', place='BLOOM HOUSE', time_of_day='DAY', light='day')
    >>> read_heading("ИНТ. КВАРТИРА – КУХНЯ – ДЕНЬ")
    Heading(int_ext='INT', place='КВАРТИРА - КУХНЯ', time_of_day='ДЕНЬ', light='day')
    """
    line = " ".join(_EMPHASIS.sub("", line.strip()).split())
    words = heading_words()
    numbered = _NUMBERED.fullmatch(line) or _MARKED.fullmatch(line)
    if numbered and _IDEOGRAPH.search(line):
        line = numbered["rest"]
    found = words.beginning.match(line)
    int_ext = ""
    if found:
        int_ext, line = _places(found["places"]), found["rest"]
    line = line.replace("（", " (").replace("）", ") ")
    bare = " ".join(re.sub(r"\([^()]*\)", " ", line).split())
    parts = [part.strip(" .。:：") for part in _DASH.split(bare)]
    head, dash, tail = parts[-1].rpartition("-")
    if dash and head and tail.upper() in words.light and len(parts) == 1:  # OFFICE-DAY, but not ROOM - PRE-DAWN
        parts[-1:] = [head, tail]
    parts = [part for part in parts if part] or [line.strip(" ()")]
    asides = [aside.strip() for aside in re.findall(r"\(([^()]*)\)", line)]
    if not int_ext and _IDEOGRAPH.search(line):
        int_ext = _trailing_place(parts)
    time, light = _time(parts, asides)
    if light == "same" and len(parts) > 1:  # NIGHT - LATER: the light is the night's
        before, steady = _time(parts, [])
        time, light = (f"{before} - {time}", steady) if steady else (time, light)
    return Heading(int_ext=int_ext, place=" - ".join(parts).upper(), time_of_day=time, light=light)


def _places(text: str) -> str:
    words = heading_words().place
    halves = [half.strip(" .．。").upper() for half in re.split(r"[/／\\]", text)]
    named = [{"I": "INT", "E": "EXT"}.get(half) or words.get(half, "") for half in halves]
    return "INT/EXT" if set(named) == {"INT", "EXT"} else named[0] or named[-1]


def _time(parts: list[str], asides: list[str]) -> tuple[str, Light]:
    """Take the time of day off the end of a heading's parts, or find it in brackets."""
    known = heading_words().light
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index].upper()
        if (whole := known.get(part)) and len(parts) > 1:
            del parts[index]
            return part, whole
        words = part.replace("-", " ").split() if index else part.split()
        for count in (3, 2, 1):
            tail = " ".join(words[-count:])
            if len(words) > count and (light := known.get(tail)):
                if index:  # LATE AFTERNOON, ALMOST DAWN: the whole part speaks of time
                    del parts[index]
                    return part, light
                parts[index] = " ".join(parts[index].split()[:-count]).rstrip(" ,")
                return tail, light
        if index and (light := known.get(words[0]) if words else None):
            del parts[index]
            return part, light
    for aside in asides:
        if light := known.get(aside.upper()):
            return aside.upper(), light
    return "", ""


def _trailing_place(parts: list[str]) -> str:
    """Take inside or outside off the end of a heading, where Chinese ones may have it: 医院 日 内."""
    tokens = parts[-1].split()
    place = heading_words().place.get(tokens[-1], "") if tokens else ""
    if place and len(tokens) + len(parts) > 2:
        parts[-1:] = [" ".join(tokens[:-1])] if len(tokens) > 1 else []
        return place
    return ""

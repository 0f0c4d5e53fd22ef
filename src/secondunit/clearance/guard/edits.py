"""How far two words are apart: a letter left out, put in, changed, or swapped with its neighbour."""


def within(one: str, other: str, limit: int) -> bool:
    """Whether two words are at most ``limit`` slips apart (optimal string alignment distance).

    >>> within("salgdao", "salgado", 1), within("salgado", "delgado", 1)
    (True, False)
    """
    if one == other:
        return True
    if limit < 1 or abs(len(one) - len(other)) > limit:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return False
    return row[-1] <= limit

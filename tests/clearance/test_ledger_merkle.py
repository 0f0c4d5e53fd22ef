"""Merkle trees. The oracle is the reference tree of RFC 6962's authors: eight leaves and the root of each size."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.clearance.ledger.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]

trees = st.integers(1, 70).map(lambda n: [leaf_hash(bytes([i])) for i in range(n)])


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == hashlib.sha256(b"").digest()


def test_a_node_cannot_pass_for_a_leaf() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


@given(trees, st.data())
def test_every_leaf_is_proved(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(index, leaves)
    assert len(proof) <= (len(leaves) - 1).bit_length()
    assert proves_inclusion(leaves[index], index=index, size=len(leaves), proof=proof, root=root_of(leaves))


@given(trees, st.data())
def test_no_other_claim_passes_a_proof_of_inclusion(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root, size = inclusion_proof(index, leaves), root_of(leaves), len(leaves)
    other = data.draw(st.integers(-1, size).filter(lambda i: i != index))
    leaf = leaves[index]
    assert not proves_inclusion(leaf, index=other, size=size, proof=proof, root=root)
    assert not proves_inclusion(leaf_hash(b"another"), index=index, size=size, proof=proof, root=root)
    assert not proves_inclusion(leaf, index=index, size=size, proof=(*proof, leaf), root=root)
    assert not proves_inclusion(leaf, index=index, size=size, proof=proof, root=leaf_hash(root))
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        bent = (*proof[:step], leaf_hash(proof[step]), *proof[step + 1 :])
        assert not proves_inclusion(leaf, index=index, size=size, proof=bent, root=root)
        assert not proves_inclusion(leaf, index=index, size=size, proof=proof[:-1], root=root)


@given(trees, st.data())
def test_every_older_tree_is_proved_a_prefix(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(old, leaves)
    whole = {"old": old, "size": len(leaves), "proof": proof}
    assert proves_consistency(**whole, old_root=root_of(leaves[:old]), root=root_of(leaves))


@given(trees, st.data())
def test_a_rewritten_past_is_no_prefix(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], leaf_hash(b"another"), *leaves[changed + 1 :]]
    witnessed = root_of(leaves[:old])
    proof = consistency_proof(old, rewritten)
    assert not proves_consistency(old=old, old_root=witnessed, size=len(leaves), root=root_of(rewritten), proof=proof)


@given(trees, st.data())
def test_a_bent_proof_of_consistency_fails(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(old, leaves)
    roots = {"old_root": root_of(leaves[:old]), "root": root_of(leaves)}
    longer = (*proof, leaf_hash(b"more"))
    assert not proves_consistency(old=old, size=len(leaves), proof=longer, **roots)
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        bent = (*proof[:step], leaf_hash(proof[step]), *proof[step + 1 :])
        assert not proves_consistency(old=old, size=len(leaves), proof=bent, **roots)
        assert not proves_consistency(old=old, size=len(leaves), proof=proof[:-1], **roots)


def test_a_proof_is_too_short_for_a_larger_tree() -> None:
    proof, roots = consistency_proof(1, LEAVES[:2]), {"old_root": root_of(LEAVES[:1]), "root": root_of(LEAVES[:2])}
    assert proves_consistency(old=1, size=2, proof=proof, **roots)
    assert not proves_consistency(old=1, size=3, proof=proof, **roots)


@pytest.mark.parametrize("old, size", [(0, 3), (4, 3), (-1, 3)])
def test_a_tree_of_no_sense_is_refused(old: int, size: int) -> None:
    leaves = LEAVES[:size]
    with pytest.raises(IndexError):
        consistency_proof(old, leaves)
    assert not proves_consistency(old=old, size=size, old_root=root_of([]), root=root_of(leaves), proof=())


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_proof(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(index, LEAVES[:3])

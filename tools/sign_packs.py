"""Sign the policy packs that come with the product, with two release keys of two holders.

    python tools/sign_packs.py --key "Release, first holder" first.pem --key "Release, second holder" second.pem
    python tools/sign_packs.py --new KEYS          # make two keys in a new folder, then sign with them

Private keys are never committed. Writes NAME.sig.json beside each pack and the public halves to release_keys.toml;
a release with new keys is this script run again, and the two files committed.
"""

import argparse
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from secondunit.clearance.policy.library import RELEASE_KEYS, SIGNATURE
from secondunit.clearance.policy.pack_toml import read_pack_file
from secondunit.clearance.policy.signing import sign

PACKS = Path(__file__).resolve().parents[1] / "src" / "secondunit" / "clearance" / "policy" / "packs"


def main() -> None:
    """Sign every pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", nargs=2, action="append", metavar=("HOLDER", "PEM"), default=[])
    parser.add_argument("--new", type=Path, metavar="FOLDER", help="make two keys in this folder, which must not exist")
    parser.add_argument("--packs", type=Path, default=PACKS)
    said = parser.parse_args()
    named = [(holder, Path(path)) for holder, path in said.key]
    if said.new:
        named += make_keys(said.new)
    if len({" ".join(holder.split()).casefold() for holder, _ in named}) < 2:
        parser.error("two keys of two holders are needed: --key HOLDER PEM twice, or --new FOLDER")
    keys = [(holder, load(path)) for holder, path in named]
    lines = [
        "# Public halves of the keys whose signatures on packs the product trusts. Written by tools/sign_packs.py."
    ]
    for holder, key in keys:
        lines += ["", "[[keys]]", f'holder = "{holder}"', f'public = "{key.public_key().public_bytes_raw().hex()}"']
    (said.packs / RELEASE_KEYS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in sorted(said.packs.glob("*.toml")):
        if path.name != RELEASE_KEYS:
            pack = read_pack_file(path)
            path.with_suffix(SIGNATURE).write_text(sign(pack, [key for _, key in keys]), encoding="utf-8")
            print(f"{pack.name:20} {pack.digest[:16]}")


def make_keys(folder: Path) -> list[tuple[str, Path]]:
    """Make two private keys, readable by their owner only."""
    folder.mkdir(parents=True, mode=0o700)
    made = []
    for name in ("first", "second"):
        path = folder / f"{name}.pem"
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        made.append((f"Release, {name} holder", path))
    return made


def load(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a PEM file."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{path} is no Ed25519 key")
    return key


if __name__ == "__main__":
    main()

"""A stand-in for the service that delivers Firefox models: records and packed files as Mozilla's has them."""

import json
from hashlib import sha256

FILES = {"model": b"weights " * 40_000, "vocab": b"pieces " * 1000}


def pack(data):
    """Return a zstd frame that holds the data as it is, in blocks of 128 KiB."""
    blocks = [data[start : start + (1 << 17)] for start in range(0, len(data), 1 << 17)] or [b""]
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    for index, block in enumerate(blocks):
        frame += (len(block) << 3 | (index == len(blocks) - 1)).to_bytes(3, "little") + block
    return frame


def record(kind, data, source="es", target="en", **changes):
    """Return one record of the list, in the form of Mozilla's."""
    packed = pack(data)
    name = f"{kind}.{source}{target}." + ("spm" if "vocab" in kind else "intgemm.alphas.bin")
    return {
        "name": name,
        "fileType": kind,
        "sourceLanguage": source,
        "targetLanguage": target,
        "version": "3.0",
        "architecture": "tiny",
        "filter_expression": "",
        "decompressedHash": sha256(data).hexdigest(),
        "attachment": {
            "location": f"main-workspace/models/{source}-{target}-{kind}.zst",
            "hash": sha256(packed).hexdigest(),
            "size": len(packed),
        },
        **changes,
    }


def offer(server, *pairs, files=FILES):
    """Let the server offer models, and return the records of its list."""
    records = [record(kind, data, *pair) for pair in pairs for kind, data in files.items()]
    for row, data in zip(records, [*files.values()] * len(pairs), strict=True):
        server.files[f"/{row['attachment']['location']}"] = pack(data)
    publish(server, records)
    return records


def publish(server, records):
    server.files["/records.json"] = json.dumps({"data": records}).encode()

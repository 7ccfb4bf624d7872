"""A network small enough to be written by hand: the mean of each colour, and one linear layer. ONNX is protobuf, field by field."""

import struct

import numpy as np

FLOAT, INT64 = 1, 7


def _varint(n: int) -> bytes:
    out = b""
    while n > 0x7F:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def _field(number: int, body: bytes | str | int) -> bytes:
    if isinstance(body, int):
        return _varint(number << 3) + _varint(body)
    raw = body.encode() if isinstance(body, str) else body
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(_field(1, int(d)) for d in values.shape)
    return dims + _field(2, FLOAT) + _field(8, name) + _field(9, struct.pack(f"<{values.size}f", *values.ravel()))


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_field(1, _field(1, d)) for d in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, dims)))


def _node(kind: str, inputs: tuple[str, ...], output: str) -> bytes:
    return b"".join(_field(1, i) for i in inputs) + _field(2, output) + _field(3, output) + _field(4, kind)


def colour_network(weights: np.ndarray, bias: np.ndarray, size: tuple[int, int]) -> bytes:
    """`weights` (3, outputs) on the means of the three channels of a (1, 3, height, width) input."""
    nodes = (
        _node("GlobalAveragePool", ("input",), "pooled"),
        _node("Flatten", ("pooled",), "flat"),
        _node("Gemm", ("flat", "weights", "bias"), "output"),
    )
    graph = b"".join(_field(1, n) for n in nodes) + _field(2, "colour")
    graph += _field(5, _tensor("weights", weights)) + _field(5, _tensor("bias", bias))
    graph += _field(11, _value("input", (1, 3, size[1], size[0]))) + _field(12, _value("output", (1, len(bias))))
    return _field(1, 7) + _field(7, graph) + _field(8, _field(2, 11))

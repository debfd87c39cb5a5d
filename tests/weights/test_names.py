"""A thousand names on one line, none left out."""

from humandit.weights.names import in_words

CASES = {
    "a.weight": ["a.weight"],
    "a.{bias,weight}": ["a.weight", "a.bias"],
    "b.{0-2,7}.to_q.weight": [f"b.{n}.to_q.weight" for n in (7, 0, 2, 1)],
    "b.3.to_q.{bias,weight}": ["b.3.to_q.weight", "b.3.to_q.bias"],
    "b.{0-1}.net.0.proj.bias, b.{0-1}.net.2.bias": [
        f"b.{n}.net.{part}.bias" for n in (0, 1) for part in ("0.proj", "2")
    ],
    "{scaled_fp8,table}": ["table", "scaled_fp8"],
}


def test_names_in_words() -> None:
    assert {in_words(names) for names in CASES.values()} == set(CASES)

"""What the example installs is what the tests run."""

import unittest
from pathlib import Path

ROOT = Path(__file__).parents[3]


class PinsTest(unittest.TestCase):
    def test_the_example_pins_the_same_release(self):
        example = (ROOT / "examples/host-python/requirements.txt").read_text()
        _, pin, hashes = example.partition("wasmtime==")
        self.assertIn(pin + hashes, (ROOT / "tests/requirements.txt").read_text())


if __name__ == "__main__":
    unittest.main()

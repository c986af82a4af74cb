"""Two runs of the program, and a second writer."""

import os
import tempfile
import unittest

from directory import Log, Refused
from main import work


class MainTest(unittest.TestCase):
    def test_jobs_are_there_in_the_next_run(self):
        with tempfile.TemporaryDirectory() as folder:
            for jobs in (2, 4):
                said = work(os.environ["BROOKLET_COMPONENT"], folder)
                expected = rf"^bob worked off \d+-\d+, and \d+-\d+ for alice; {jobs} jobs so far$"
                self.assertRegex(said, expected)

    def test_who_takes_the_directory_over_fences_the_writer_before(self):
        with tempfile.TemporaryDirectory() as folder:
            first, second = Log(folder), Log(folder)
            first.start(1, 0)
            first.append(1, 0, b"frame")
            self.assert_refused("fenced", 1, second.start, 1, 0)
            self.assert_refused("conflict", 5, second.start, 2, 0)
            third = Log(folder)
            third.start(3, 5)
            self.assert_refused("fenced", 3, first.append, 1, 5, b"late")
            self.assertEqual(Log(folder).read(0, 0, 9), b"frame")
            for log in (first, second, third):
                log.close()

    def assert_refused(self, tag, payload, call, *arguments):
        with self.assertRaises(Refused) as caught:
            call(*arguments)
        error = caught.exception.error
        self.assertEqual((error.tag, error.payload), (tag, payload))


if __name__ == "__main__":
    unittest.main()

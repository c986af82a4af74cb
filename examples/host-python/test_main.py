"""Two runs of the program, and a second writer."""

import os
import tempfile
import unittest

from directory import Log, Refused
from main import work


class MainTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_jobs_are_there_in_the_next_run(self):
        for jobs in (2, 4):
            said = work(os.environ["BROOKLET_COMPONENT"], self.folder)
            expected = rf"^bob worked off \d+-\d+, and \d+-\d+ for alice; {jobs} jobs so far$"
            self.assertRegex(said, expected)

    def test_who_takes_the_directory_over_fences_the_writer_before(self):
        first, second = self.opened(), self.opened()
        first.start(1, 0)
        first.append(1, 0, b"frame")
        self.assert_refused("fenced", 1, second.start, 1, 0)
        self.opened().start(2, 5)
        self.assert_refused("fenced", 2, first.append, 1, 5, b"late")
        self.assertEqual(self.opened().read(0, 0, 9), b"frame")

    def test_what_was_written_while_another_opened_is_not_lost(self):
        first = self.opened()
        first.start(1, 0)
        appended = self.opened()
        first.append(1, 0, b"frame")
        self.assert_refused("conflict", 5, appended.start, 2, 0)

        again = self.opened()
        again.start(3, 5)
        rewritten = self.opened()
        again.begin_base(3)
        again.write_base(3, b"base")
        again.commit_base(3)
        self.assert_refused("conflict", 0, rewritten.start, 4, 5)
        files = self.opened().files()
        self.assertEqual([(it.kind, it.length) for it in files], [("base", 4), ("increment", 0)])

    def opened(self):
        log = Log(self.folder)
        self.addCleanup(log.close)
        return log

    def assert_refused(self, tag, payload, call, *arguments):
        with self.assertRaises(Refused) as caught:
            call(*arguments)
        error = caught.exception.error
        self.assertEqual((error.tag, error.payload), (tag, payload))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""Self-checks of the simulated services, run against a simulator of their own.

    python3 test/simulator/test_services.py

Checks against the vendors' own descriptions need MOMENTUM_SPECS (default
../shared/specs beside the repository) and are skipped aloud without them.
"""

import glob
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def load_tests(loader, tests, pattern):
    """The checks live in one file per service."""
    suite = unittest.TestSuite()
    for file in sorted(glob.glob(os.path.join(HERE, 'check_*.py'))):
        suite.addTests(loader.loadTestsFromName(os.path.basename(file)[:-len('.py')]))
    return suite


if __name__ == '__main__':
    unittest.main(verbosity=1)

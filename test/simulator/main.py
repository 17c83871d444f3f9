#!/usr/bin/python3
"""Start the simulator: every service momentum reads, on 127.0.0.1.

    main.py --port-file FILE [--port N] [--data DIR] [--today YYYY-MM-DD]
            [--seed N] [--service-account FILE]

The port file appears when the simulator is ready to answer.  README.md tells
the worlds, the credentials, the faults and how a service module is written.
"""

import argparse
import datetime
import glob
import importlib
import os
import signal
import sys

from server import Simulator

HERE = os.path.dirname(os.path.abspath(__file__))


def default_data():
    return os.environ.get("MOMENTUM_DATA") or os.path.join(
        HERE, "..", "..", "..", "shared", "data")


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file")
    parser.add_argument("--data", default=default_data())
    parser.add_argument("--today", type=datetime.date.fromisoformat,
                        help="a running day that stays; else that of the clock, in the "
                        "story's zone, at the start and at each reset")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--service-account", metavar="FILE",
                        help="write a Google service account key here")
    return parser.parse_args(argv)


def service_modules():
    """The modules beside this one that say which SERVICES they have."""
    names = []
    for file in sorted(glob.glob(os.path.join(HERE, "*.py"))):
        with open(file, encoding="utf-8") as source:
            if "\nSERVICES = " in source.read():
                names.append(os.path.basename(file)[:-len(".py")])
    return names


def find_services():
    """Load the service modules; (name -> class, modules)."""
    classes, modules = {}, []
    for name in service_modules():
        module = importlib.import_module(name)
        modules.append(module)
        for cls in module.SERVICES:
            classes[cls.name] = cls
    return classes, modules


def build(args):
    """A Simulator that listens but does not serve yet."""
    classes, modules = find_services()
    sim = Simulator(args, classes)
    for module in modules:
        if hasattr(module, "prepare"):
            module.prepare(sim)
        sim.controls.update(getattr(module, "CONTROLS", {}))
    return sim


def write_port(path, port):
    with open(path + ".tmp", "w", encoding="ascii") as out:
        out.write("%d\n" % port)
    os.replace(path + ".tmp", path)


def main(argv):
    args = arguments(argv)
    sim = build(args)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    if args.port_file:
        write_port(args.port_file, sim.port)
    print("simulator at %s" % sim.base_url, flush=True)
    sim.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])

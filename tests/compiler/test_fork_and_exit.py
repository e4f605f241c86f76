"""Workers are no trouble for a program that forks or ends.

Each program runs in a process of its own, with the step of `test_threads`.
"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def alone(program: str) -> str:
    """What a program prints that is run in a process of its own, which ends well."""
    begin = f"""
        import sys
        sys.path[:0] = [{str(ROOT / "src")!r}, {str(Path(__file__).parent)!r}]
        from test_threads import Circle
        from seegrad.compiler.machine import threads
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(begin + program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def test_a_program_that_used_threads_ends_cleanly():
    """Nobody is waited for, and nothing is said."""
    assert "True\n" == alone("""
        circle = Circle(threads.team, 3)
        circle.run()
        print(circle.right(1))
    """)


def test_a_step_while_python_closes_is_served():
    """By the workers who are there already, or by the caller alone."""
    assert "True\n" == alone("""
        import atexit
        @atexit.register
        def late():
            circle = Circle(threads.team, 3)
            circle.run()
            print(circle.right(1), flush=True)
    """)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_hires_its_own_workers():
    """Parent and child go on, and neither waits for workers that are not there."""
    assert "child True 2 True\nparent True\n" == alone("""
        import os
        circle = Circle(threads.team, 3)
        circle.run()
        child = os.fork()
        if child == 0:
            circle.run()                    # alone, for nobody is there yet
            hired = threads.team.hired
            circle.run()
            print("child", circle.right(3), hired, threads.team.pool.workers == 2)
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        circle.run()
        print("parent", circle.right(2))
    """)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_fork_in_the_middle_of_a_step_leaves_a_usable_child():
    """Another thread of the parent was using the pool at that very moment."""
    assert "True\n" * 5 == alone("""
        import os, threading
        going = True
        def work():
            circle = Circle(threads.team, 2)
            while going:
                circle.run()
        caller = threading.Thread(target=work)
        caller.start()
        for _ in range(5):  # the first while the thread is compiling, as a rule
            child = os.fork()
            if child == 0:
                circle = Circle(threads.team, 3)
                for _ in range(20):
                    circle.run()
                print(circle.right(20), flush=True)
                os._exit(0)
            os.waitpid(child, 0)
        going = False
        caller.join()
    """)

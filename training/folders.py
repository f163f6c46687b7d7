"""What a program's folders must hold, and refusals in words where it is not there."""
import os
import sys
from contextlib import contextmanager

from convert.distil import Refused

TOKENIZER = "training/train_tokenizer.py or training/convert has written"
PREPARED = "training/prepare.mjs has written"
MODEL = "training/convert or training has written"
RUN = "training/train.py has written"


def expect(folder, *names, made):
    """`made`: who writes such a folder. Raises Refused."""
    for name in names:
        if not os.path.exists(f"{folder}/{name}"):
            raise Refused(f"{folder} has no {name}. Name the folder that {made}.")


@contextmanager
def in_words():
    """A program within it ends with the refusal's words instead of a traceback"""
    try:
        yield
    except Refused as refusal:
        sys.exit(str(refusal))

"""The independent side of the fuzz: says of each input and of what the code made of it whether they agree.

Reads batches from standard input: a line "TARGET COUNT", then for each case the input and the answer, each as four bytes of length,
the lowest first, and the bytes. Writes for each case its verdict in the same form: empty where both agree, else what is wrong.
"""

import sys
import threading

import gzip_oracle
import json_oracle
import page_oracle
import rows_oracle
import text_oracle
import windows_oracle

JUDGES = {
    "json": json_oracle.judge,
    "pages": page_oracle.judge,
    "rows": rows_oracle.judge,
    "gzip": gzip_oracle.judge,
    "windows": windows_oracle.judge,
    "text": text_oracle.judge,
}


def read_bytes(source):
    return source.read(int.from_bytes(source.read(4), "little"))


def serve():
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while line := source.readline():
        target, count = line.decode().split()
        cases = [(read_bytes(source), read_bytes(source)) for _ in range(int(count))]
        for given, answer in cases:
            try:
                verdict = JUDGES[target](given, answer)
            except Exception as error:  # a judge that fails is a finding as well
                verdict = f"the judge failed: {error!r}"
            words = (verdict or "").encode("utf-8", "backslashreplace")
            sink.write(len(words).to_bytes(4, "little") + words)
        sink.flush()


# Deep JSON recurses deeply, beyond the stack of the main thread.
sys.setrecursionlimit(20_000)
threading.stack_size(256 * 1024 * 1024)
thread = threading.Thread(target=serve)
thread.start()
thread.join()

"""gzip files as zlib's own inflater takes them."""

import zlib


def content_of(given):
    """The content that was compressed: see `GzipTarget`."""
    return given[8:]


def judge(given, answer):
    accepted, file = answer[0] == 1, answer[1:]
    inflater = zlib.decompressobj(wbits=31)
    try:
        content = inflater.decompress(file)
        whole = inflater.eof and not inflater.unused_data
    except zlib.error:
        content, whole = b"", False
    if accepted != whole:
        return f"zlib takes it for one whole member: {whole}, the code: {accepted}"
    if given[7] == 0 and (not whole or content != content_of(given)):
        return "the member does not hold the content"
    return None

"""Flat Parquet files, read by nothing but the specification: version 1 pages of PLAIN, RLE_DICTIONARY and RLE, with gzip or none."""

import struct
import zlib

PHYSICAL = {0: "boolean", 2: "int64", 5: "double", 6: "text"}


class Thrift:
    """The compact protocol: structures as dictionaries by the numbers of their fields."""

    def __init__(self, data, position=0):
        self.data, self.position = data, position

    def byte(self):
        self.position += 1
        return self.data[self.position - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def structure(self):
        fields, number = {}, 0
        while header := self.byte():
            number = number + (header >> 4) if header >> 4 else self.zigzag()
            assert number not in fields
            fields[number] = self.value(header & 15)
        return fields

    def value(self, kind, in_list=False):
        if kind in (1, 2):
            return self.byte() == 1 if in_list else kind == 1
        if kind == 3:
            return struct.unpack("b", bytes([self.byte()]))[0]
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 8:
            length = self.varint()
            start = self.position
            self.position += length
            return bytes(self.data[start:self.position])
        if kind == 9:
            header = self.byte()
            count = header >> 4
            count = self.varint() if count == 15 else count
            return [self.value(header & 15, True) for _ in range(count)]
        assert kind == 12, kind
        return self.structure()


def hybrid(data, width, count):
    """So many values of the hybrid of run lengths and packed bits."""
    reader, values = Thrift(data), []
    while len(values) < count:
        header = reader.varint()
        if header & 1:
            size = (header >> 1) * width
            bits = int.from_bytes(data[reader.position:reader.position + size], "little")
            assert reader.position + size <= len(data)
            reader.position += size
            values += [bits >> width * index & (1 << width) - 1 for index in range((header >> 1) * 8)]
        else:
            size = (width + 7) // 8
            value = int.from_bytes(data[reader.position:reader.position + size], "little")
            reader.position += size
            values += [value] * (header >> 1)
    assert reader.position == len(data), "bytes behind the runs"
    return values[:count]


def plain(data, kind, count):
    values, position = [], 0
    for index in range(count):
        if kind == "boolean":
            values.append(bool(data[index // 8] >> index % 8 & 1))
            position = index // 8 + 1
        elif kind == "text":
            length, = struct.unpack_from("<I", data, position)
            values.append(bytes(data[position + 4:position + 4 + length]).decode("utf-8"))
            position += 4 + length
        else:
            values.append(struct.unpack_from("<q" if kind == "int64" else "<d", data, position)[0])
            position += 8
    assert position == len(data), "bytes behind the values"
    return values


def decoded(bound, kind):
    return bound.decode("utf-8") if kind == "text" else plain(bound, kind, 1)[0]


def bytes_of(value):
    return value.encode("utf-8") if isinstance(value, str) else value


def read_chunk(data, meta, kind, rows):
    """The values of one column within a row group."""
    start = meta.get(11, meta[9])
    assert 11 not in meta or meta[11] < meta[9]
    position, values, dictionary, uncompressed, kinds = start, [], None, 0, {}
    while position < start + meta[7]:
        reader = Thrift(data, position)
        header = reader.structure()
        page = data[reader.position:reader.position + header[3]]
        assert zlib.crc32(page) == header[4] & 0xFFFFFFFF, "the checksum of a page"
        uncompressed += reader.position - position + header[2]
        position = reader.position + header[3]
        if meta[4] == 2:
            inflater = zlib.decompressobj(31)
            page = inflater.decompress(page)
            assert inflater.eof and not inflater.unused_data
        assert len(page) == header[2]
        if header[1] == 2:
            assert dictionary is None and not values and header[7][2] == 0
            dictionary = plain(page, kind, header[7][1])
            assert len(set(dictionary)) == len(dictionary)
            kinds[2, 0] = 1
            continue
        count, encoding, levels, repetitions = (header[5][number] for number in (1, 2, 3, 4))
        kinds[0, encoding] = kinds.get((0, encoding), 0) + 1
        assert levels == repetitions == 3
        length, = struct.unpack_from("<I", page)
        present = hybrid(page[4:4 + length], 1, count)
        body = page[4 + length:]
        if encoding == 8:
            found = [dictionary[index] for index in hybrid(body[1:], body[0], sum(present))]
        else:
            assert encoding == 0
            found = plain(body, kind, sum(present))
        found.reverse()
        values += [found.pop() if level else None for level in present]
    assert position == start + meta[7] and uncompressed == meta[6] and len(values) == meta[5] == rows
    assert set(meta[2]) == {encoding for _, encoding in kinds} | {3}
    assert {(entry[1], entry[2]): entry[3] for entry in meta[13]} == kinds
    statistics = meta[12]
    assert statistics[3] == values.count(None) and 1 not in statistics and 2 not in statistics
    if 5 in statistics or 6 in statistics:
        there = sorted((value for value in values if value is not None), key=bytes_of)
        low, high = decoded(statistics[6], kind), decoded(statistics[5], kind)
        assert (low, high) == (there[0], there[-1]), "the bounds"
        if kind == "double":
            assert str(low) != "0.0" and str(high) != "-0.0"
    return values


def read(data):
    """The columns, as name and kind, and the rows. Asserts what the format asks for."""
    assert data[:4] == data[-4:] == b"PAR1"
    length, = struct.unpack_from("<I", data, len(data) - 8)
    reader = Thrift(data[:-8], len(data) - 8 - length)
    footer = reader.structure()
    assert reader.position == len(data) - 8
    root, *leaves = footer[2]
    assert root[5] == len(leaves) == len(footer[7])
    columns = []
    for leaf in leaves:
        kind = PHYSICAL[leaf[1]]
        logical = leaf.get(10)
        if kind == "text":
            assert leaf[6] == 0 and logical == {1: {}}
        elif logical:
            assert leaf[6] == 10 and logical == {8: {1: True, 2: {2: {}}}}
            kind = "timestamp"
        assert leaf[3] == 1
        columns.append((leaf[4].decode("utf-8"), kind))
    rows, position = [], 4
    for group in footer[4]:
        assert group[3] > 0 and group[5] == position
        read_columns = []
        for chunk, (name, kind) in zip(group[1], columns, strict=True):
            meta = chunk[3]
            assert meta[3] == [name.encode("utf-8")] and meta.get(11, meta[9]) == position
            read_columns.append(read_chunk(data, meta, "int64" if kind == "timestamp" else kind, group[3]))
            position += meta[7]
        assert position == group[5] + group[6] and group[2] == sum(chunk[3][6] for chunk in group[1])
        rows += zip(*read_columns)
    assert position == len(data) - 8 - length and len(rows) == footer[3]
    return columns, rows

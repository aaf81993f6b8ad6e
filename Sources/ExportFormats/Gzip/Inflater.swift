extension Inflater {
    enum Format {
        case gzip, zlib, raw
    }

    struct Step {
        /// The number of consumed input bytes. Negative if the stream ended within the bytes of an earlier step.
        let consumed: Int
        /// The number of bytes written to the start of the output.
        let produced: Int
        /// Whether the stream has ended, with the right checksum and length.
        let isEnd: Bool
    }
}

#if !ISAL
    internal import CZlib

    /// A stream that is decompressed step by step with zlib.
    struct Inflater: ~Copyable {
        // zlib keeps the stream's address from its initialisation to its end, so the stream is allocated. Only this value owns it: it
        // cannot be copied, and `deinit` frees the memory.
        private let stream: UnsafeMutablePointer<z_stream>

        init(_ format: Format) throws(InflateError) {
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            guard inflateInit2_(stream, Self.windowBits(format), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                stream.deallocate()
                throw .outOfMemory
            }
            self.stream = stream
        }

        deinit {
            inflateEnd(stream)
            stream.deallocate()
        }

        /// Prepares for another stream of the same format.
        mutating func restart() {
            inflateReset(stream)
        }

        /// Decompresses until the input is consumed, the output is full or the stream ends.
        mutating func step(_ input: Span<UInt8>, into output: inout [UInt8]) throws(InflateError) -> Step {
            let (available, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
            // zlib reads at most `available` bytes of the input and writes at most `room` of the output, both only during the call;
            // it does not write to the input, whose pointer's type in C lacks a `const`.
            let status = input.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    stream.pointee.avail_in = available
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = room
                    return inflate(stream, Z_NO_FLUSH)
                }
            }
            switch status {
            // Z_BUF_ERROR: there was nothing to do, for example with an empty input.
            case Z_OK, Z_STREAM_END, Z_BUF_ERROR: break
            case Z_MEM_ERROR: throw .outOfMemory
            default: throw .corrupt
            }
            return Step(
                consumed: Int(available - stream.pointee.avail_in),
                produced: Int(room - stream.pointee.avail_out),
                isEnd: status == Z_STREAM_END
            )
        }

        private static func windowBits(_ format: Format) -> Int32 {
            switch format {
            case .gzip: MAX_WBITS + 16
            case .zlib: MAX_WBITS
            case .raw: -MAX_WBITS
            }
        }
    }
#endif

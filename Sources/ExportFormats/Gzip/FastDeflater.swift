#if ISAL
    internal import CISAL

    /// One raw deflate stream that is flushed and not ended, by ISA-L at its level 2: as small as zlib's level 2, several times as fast.
    ///
    /// Level 3 is 3 % smaller, but takes more than twice the time on processors without AVX-512.
    enum FastDeflater {
        /// The name of the encoder, for the manifest. Other kinds of processors may produce other bytes for the same content.
        static let name = "isa-l \(ISAL_MAJOR_VERSION).\(ISAL_MINOR_VERSION).\(ISAL_PATCH_VERSION) level 2"

        /// The number of bytes that are flushed before all others, so that the same content always compresses to the same bytes.
        ///
        /// Without the flush, about one stream in ten thousand varies from run to run. When more input follows the first bytes, ISA-L
        /// enters the third byte in its hash table under a hash of the stream's address, because `write_first_byte` in
        /// igzip_icf_body_h1_gr_bt.asm reads the wrong register. A later match with the first bytes is then found or missed by chance. The
        /// extra flush costs about 20 bytes.
        private static let headSize = 16

        static func deflate(_ content: Span<UInt8>) throws(DeflateError) -> [UInt8] {
            let bufferSize = Int(isal_level_2_buffer_size)
            let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
            let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: bufferSize)
            // Both are owned by this call and outlive every call of the library, which keeps no pointer after the last.
            defer {
                stream.deallocate()
                buffer.deallocate()
                isal_release_vector_registers()
            }
            isal_deflate_init(stream)
            stream.pointee.level = 2
            stream.pointee.level_buf = buffer
            stream.pointee.level_buf_size = UInt32(bufferSize)
            var output: [UInt8] = []
            var position = 0
            repeat {
                // The library counts its input in 32 bits.
                let input = content.extracting(position..<min(content.count, position == 0 ? headSize : position + 1 << 30))
                position += input.count
                stream.pointee.flush = UInt16(position == content.count || position == headSize ? SYNC_FLUSH : NO_FLUSH)
                guard deflate(input, stream, to: &output) else { throw .outOfMemory }
            } while position < content.count
            return output
        }

        /// Passes the whole input to the library, and appends all its output. False if the library reports an invalid stream.
        private static func deflate(_ input: Span<UInt8>, _ stream: UnsafeMutablePointer<isal_zstream>, to output: inout [UInt8])
            -> Bool
        {
            // The library reads the input and writes the output only during its call, and does not write to the input, whose
            // pointer's type in C lacks a `const`.
            input.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                var isSound = true
                var isFull = true
                while isSound, isFull {
                    // Text shrinks to about a third. Larger output is taken in further steps.
                    let room = input.count / 2 + 1024
                    let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                        stream.pointee.next_out = buffer.baseAddress
                        stream.pointee.avail_out = UInt32(room)
                        isSound = isal_deflate(stream) == COMP_OK
                        count = room - Int(stream.pointee.avail_out)
                    }
                    isFull = piece.count == room
                    if output.isEmpty { output = piece } else { output += piece }
                }
                return isSound
            }
        }
    }
#endif

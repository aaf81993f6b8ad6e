#if ISAL
    internal import CISAL

    /// A stream that is decompressed step by step with ISA-L.
    struct Inflater: ~Copyable {
        // Both are on the heap, since the state takes 90 KB. Only this value owns them: it cannot be copied, and `deinit` frees them. The
        // library keeps neither address.
        private let state: UnsafeMutablePointer<inflate_state>
        private let header: UnsafeMutablePointer<isal_gzip_header>
        /// The bytes that are still expected of the beginning of every gzip header: its magic number, and deflate as the method.
        private var mark: ArraySlice<UInt8>

        init(_ format: Format) throws(InflateError) {
            state = .allocate(capacity: 1)
            header = .allocate(capacity: 1)
            isal_inflate_init(state)
            isal_gzip_header_init(header)
            state.pointee.crc_flag = UInt32(Self.wrapper(of: format))
            mark = Self.mark(of: format)
        }

        deinit {
            state.deallocate()
            header.deallocate()
        }

        /// Prepares for another stream of the same format.
        mutating func restart() {
            isal_inflate_reset(state)
            isal_gzip_header_init(header)
            if state.pointee.crc_flag == ISAL_GZIP { mark = Self.mark(of: .gzip) }
        }

        private static func mark(of format: Format) -> ArraySlice<UInt8> { format == .gzip ? GzipMember.header.prefix(3) : [] }

        /// Decompresses until the input is consumed, the output is full or the stream ends.
        mutating func step(_ input: Span<UInt8>, into output: inout [UInt8]) throws(InflateError) -> Step {
            // The library checks a header only when it is complete, so an invalid one would count as truncated.
            for place in 0..<min(input.count, mark.count) {
                guard mark.removeFirst() == input[place] else { throw .corrupt }
            }
            // Before version 2.32.1, the library's 32-bit counts overflow on an input of nearly 4 GiB.
            let (available, room) = (UInt32(min(input.count, 1 << 30)), UInt32(min(output.count, 1 << 30)))
            // It reads at most `available` bytes of the input and writes at most `room` of the output, both only during the call; it does
            // not write to the input, whose pointer's type in C lacks a `const`.
            let status = input.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    state.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    state.pointee.avail_in = available
                    state.pointee.next_out = output.baseAddress
                    state.pointee.avail_out = room
                    return inflate()
                }
            }
            isal_release_vector_registers()
            guard status == ISAL_DECOMP_OK || status == ISAL_END_INPUT else { throw .corrupt }
            let isEnd = state.pointee.block_state == ISAL_BLOCK_FINISH
            // Before version 2.32.1, the library does not return the bytes after the end that it has read ahead. They may be from an
            // earlier step, which then has consumed too many.
            let readAhead = isEnd ? Int(state.pointee.read_in_length) / 8 : 0
            return Step(
                consumed: Int(available) - Int(state.pointee.avail_in) - readAhead,
                produced: Int(room - state.pointee.avail_out),
                isEnd: isEnd
            )
        }

        private func inflate() -> Int32 {
            if state.pointee.crc_flag == ISAL_GZIP, state.pointee.wrapper_flag == 0 {
                // `isal_inflate` reads the header into a temporary, so the flags of a header that arrives in pieces are lost
                // (intel/isa-l, issue 224).
                let status = isal_read_gzip_header(state, header)
                guard status == ISAL_DECOMP_OK else { return status }
                // Reserved flags (RFC 1952, section 2.3.1.2).
                guard header.pointee.flags & 0xE0 == 0 else { return ISAL_INVALID_WRAPPER }
            }
            return isal_inflate(state)
        }

        private static func wrapper(of format: Format) -> Int32 {
            switch format {
            case .gzip: ISAL_GZIP
            case .zlib: ISAL_ZLIB
            case .raw: ISAL_DEFLATE
            }
        }
    }
#endif

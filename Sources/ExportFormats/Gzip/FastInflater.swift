#if ISAL
    internal import CISAL

    /// A stream that is inflated step by step, by ISA-L.
    struct Inflater: ~Copyable {
        // Both are on the heap, since the state takes 90 KB. This value alone owns them: it cannot be copied, and `deinit` frees them. The
        // library keeps neither address.
        private let state: UnsafeMutablePointer<inflate_state>
        private let header: UnsafeMutablePointer<isal_gzip_header>
        /// The bytes that every gzip header begins with: its mark, and deflate as the method. Those that have been read are gone.
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

        /// Makes ready for another stream of the same format.
        mutating func restart() {
            isal_inflate_reset(state)
            isal_gzip_header_init(header)
            if state.pointee.crc_flag == ISAL_GZIP { mark = Self.mark(of: .gzip) }
        }

        private static func mark(of format: Format) -> ArraySlice<UInt8> { format == .gzip ? GzipMember.header.prefix(3) : [] }

        /// Inflates until the input is used up, the output is full or the stream ends.
        mutating func step(_ input: Span<UInt8>, into output: inout [UInt8]) throws(InflateError) -> Step {
            // The library looks at a header once it is whole: what is none would be called cut.
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
            // Before version 2.32.1, the library does not give back the bytes behind the end that it has read ahead. They may be those
            // of an earlier step, which then has taken too many.
            let readAhead = isEnd ? Int(state.pointee.read_in_length) / 8 : 0
            return Step(
                consumed: Int(available) - Int(state.pointee.avail_in) - readAhead,
                produced: Int(room - state.pointee.avail_out),
                isEnd: isEnd
            )
        }

        private func inflate() -> Int32 {
            if state.pointee.crc_flag == ISAL_GZIP, state.pointee.wrapper_flag == 0 {
                // `isal_inflate` reads the header into a temporary, so that the flags of one that comes in pieces are lost
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

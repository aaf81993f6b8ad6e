import Testing
import Subprocess
import SwiftCSV
@Test func stub() {}

#pragma once

// A library for LD_PRELOAD: one call of the system goes wrong, of those that concern a folder.
//
//     SYSTEM_CALL_FAULTS_BELOW    the folder, absolute and without links; its own calls count too
//     SYSTEM_CALL_FAULTS_JOURNAL  a file to which each such call is added: call, outcome, path and, of a rename, the new path, parted by
//                                 tabs; paths from the folder on
//     SYSTEM_CALL_FAULTS_FAULT    CALL:NUMBER:EFFECT, or nothing: which call, the how manieth of its kind from 1 on, and an error by its
//                                 number, which is returned in the place of the call, `short`: half the bytes, or `kill`: SIGKILL
//     SYSTEM_CALL_FAULTS_AT       an absolute path: NUMBER counts only the calls on it (of a rename, on the old path); nothing: all calls
//     SYSTEM_CALL_FAULTS_SLEEP    so many seconds the machine has slept when the process is continued after SIGSTOP: the clocks that run
//                                 on meanwhile are ahead by them
//
//     SYSTEM_CALL_FAULTS_CLOCK_AHEAD  how many seconds the clock of the calendar is ahead
//
// The outcome is `ok`, `fault`, `interrupted` (a fault with EINTR), or the number of the system's own error. A close is carried out before it goes wrong, as systems do it.

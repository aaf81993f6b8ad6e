// Runs a program, ends it where it takes too long, and says how much memory it took at its peak.
//
//     Watched SECONDS REPORT PROGRAM [ARGUMENT…]
//
// It ends as the program did, by a signal too. REPORT is written when the program has ended: its peak in bytes, a space, and 1 where
// its time was over, else 0. The peak is that of the program and of those that it waited for. It is taken from here, since a program
// that a large process starts is counted with that process's memory.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static volatile sig_atomic_t is_over = 0;
static volatile pid_t child = 0;

static void end(int signal) {
    (void)signal;
    is_over = 1;
    kill(child, SIGKILL);
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "Watched: usage: Watched SECONDS REPORT PROGRAM [ARGUMENT...]\n");
        return 125;
    }
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    child = fork();
    if (child == 0) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        execv(arguments[3], arguments + 3);
        fprintf(stderr, "Watched: %s: %s\n", arguments[3], strerror(errno));
        _exit(127);
    }
    if (child < 0) return 126;
    signal(SIGALRM, end);
    alarm((unsigned)atoi(arguments[1]));

    int status = 0;
    struct rusage usage = {0};
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {}
    alarm(0);
#ifdef __linux__
    long long peak = usage.ru_maxrss * 1024LL;
#else
    long long peak = usage.ru_maxrss;
#endif
    FILE *report = fopen(arguments[2], "w");
    if (report == NULL || fprintf(report, "%lld %d", peak, (int)is_over) < 0 || fclose(report) != 0) return 124;
    if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
    signal(WTERMSIG(status), SIG_DFL);
    kill(getpid(), WTERMSIG(status));
    return 128 + WTERMSIG(status);
}

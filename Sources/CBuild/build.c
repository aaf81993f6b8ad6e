#include "build.h"

const char *agentsight_commit(void) { return AGENTSIGHT_COMMIT; }

#pragma once

/// The commit that the program was built from; empty where that was no checkout.
const char *_Nonnull agentsight_commit(void);

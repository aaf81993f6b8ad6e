#pragma once
#include <isa-l.h>

// Macros that are more than a literal do not reach Swift.
static const int isal_level_2_buffer_size = ISAL_DEF_LVL2_DEFAULT;

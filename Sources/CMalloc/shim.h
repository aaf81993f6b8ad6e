#pragma once
// glibc's own settings of its allocator, which are no part of the module Glibc.
#include <malloc.h>

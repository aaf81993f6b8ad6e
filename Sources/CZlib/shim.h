#pragma once
#include <string.h>
#include <zlib.h>

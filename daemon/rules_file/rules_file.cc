#include "daemon/rules_file/rules_file.h"

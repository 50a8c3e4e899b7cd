/* An empty package of ICU's data, in place of the 34 MB that a static program takes from Foundation otherwise.
 *
 * The libraries below us import Foundation, Foundation brings ICU, and ICU's rules of languages and places are one object of
 * its archive, asked for by this name. Who defines the name first is linked, so the archive's object is not. Nothing of ours
 * asks for such rules: HouseTests bans Foundation from our layers, time zones are read from the machine's own files, and what
 * GRDB could ask them for (dates, localised comparisons) no statement of ours uses. Characters, cases, normal forms and regular
 * expressions are compiled into ICU's code and stay.
 *
 * The form is that of ICU's packages (unicode/udata.h, "ucmndata.h"): a header of 32 bytes, then the count of entries.
 * With a toolchain of another ICU the name differs, this one is idle, and the image's largest size tells of it. Where
 * Foundation is a shared library, it keeps its own data and never sees this. */
#include <stdint.h>

struct package {
  uint16_t header_bytes;
  uint8_t magic[2];
  uint16_t info_bytes, reserved;
  uint8_t big_endian, charset, unit_bytes, reserved_too;
  uint8_t format[4], format_version[4], data_version[4];
  uint8_t padding[8];
  uint32_t entries;
};

extern const struct package icudt76_dat;

_Alignas(16) const struct package icudt76_dat = {
    .header_bytes = 32,
    .magic = {0xda, 0x27},
    .info_bytes = 20,
    .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    .unit_bytes = 2,
    .format = {'C', 'm', 'n', 'D'},
    .format_version = {1},
    .data_version = {3},
    .entries = 0,
};

_Static_assert(sizeof(struct package) == 36, "32 bytes of header and a count");

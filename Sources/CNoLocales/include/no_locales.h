/* Declares nothing: that this target is linked is what it is for. See ../no_locales.c. */
#ifndef CARILLON_NO_LOCALES_H
#define CARILLON_NO_LOCALES_H
#endif

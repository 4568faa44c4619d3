/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps 7 to 9 of a knock whose claim is durable: is its key in force, may it do what it asks for,
 * and then it is done.
 */
#ifndef ADMIT_H
#define ADMIT_H

#include "judge.h"
#include "wall.h"

void admit_knock(const struct judge_case *judged, const struct now *now);

#endif

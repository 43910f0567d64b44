#pragma once

#include <cstdio>
#include <string>

#include "sluice/plan/plan.h"

namespace sluice::app {

/// Prints a plan for people: what changed, what will run and why, its price and what that rests on.
void print_plan(const plan::Plan& plan, std::FILE* out);

/// Writes an amount of money with the digits that tell: `0.0000131 USD`, `12.40 USD`.
std::string format_money(double amount, const std::string& currency);

}  // namespace sluice::app

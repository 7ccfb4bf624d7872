"""Accounts and what they may do: sign-in, duties, rota, audit, exports, ways in."""

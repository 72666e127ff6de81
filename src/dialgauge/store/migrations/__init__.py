"""Which steps lead from any older application database to today's?"""

"""
Work that is spread over processes and machines by Ray: `Work` says what a block is and what is done
with it, `mapped` has it done. Nothing here knows what is measured.
"""

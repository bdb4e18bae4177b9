"""What has state and a mailbox: one actor a file, the tree that holds them, their messages."""

"""What a new company starts with, as plain data: lists that an administrator may change afterwards."""

# SPDX-License-Identifier: GPL-2.0-or-later
"""For the tests: a daemon that knows its answers by heart.
usage: answer.py SOCKET ANSWERS COUNT: ANSWERS has paragraphs, the first line of each a question
and the others the answer; COUNT questions are answered, then it ends. Anything not in there is
answered by nothing at all."""
import os
import socket
import sys

path, answers, count = sys.argv[1], {}, int(sys.argv[3])
for paragraph in open(sys.argv[2]).read().split("\n\n"):
    question, _, answer = paragraph.strip("\n").partition("\n")
    answers[question] = answer + "\n\n" if answer else "\n"
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path + ".new")
listener.listen(8)
os.rename(path + ".new", path)
for _ in range(count):
    connection = listener.accept()[0]
    question = connection.makefile().readline().rstrip("\n")
    connection.sendall(answers.get(question, "").encode())
    connection.close()
os.unlink(path)

import socket
import subprocess
import sys
from pathlib import Path


HOUSE = Path(__file__).parents[3]


def test_the_command_says_how_to_sign_in() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "schwab-simulator", "--port", str(port)]
    with subprocess.Popen(command, cwd=HOUSE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(8)]
        process.terminate()
    assert said[1] == f"address     http://127.0.0.1:{port}\n"
    assert [line.split()[0] for line in said[2:6]] == ["app", "app", "account", "account"]
    key, secret = said[2].split()[2], said[3].split()[2]
    exported = f"export TOS_API_KEY={key} TOS_API_SECRET={secret} TOS_ACCOUNT_ID=12345678\n"
    assert said[7] == exported

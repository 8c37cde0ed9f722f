// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice Counts calls by caller: what a spell is meant to reach.
contract Ledger {
    mapping(address caller => uint256) public calls;

    function note() external {
        ++calls[msg.sender];
    }
}

/// @notice A spell that makes one call, whenever it is let.
contract CallSpell {
    error Refused(bytes reason);

    address private immutable TARGET;
    bytes32 private immutable SALT;
    Calldata private immutable DATA;

    constructor(address target, bytes memory data, bytes32 salt) {
        TARGET = target;
        DATA = new Calldata(data);
        SALT = salt;
    }

    function execute() external {
        (bool ok, bytes memory reason) = TARGET.call(DATA.read());
        if (!ok) revert Refused(reason);
    }

    function isExecutable() external view virtual returns (bool) {
        return SALT != "never";
    }
}

/// @notice Keeps calldata for a spell, which has no storage of its own when it runs.
contract Calldata {
    bytes private _data;

    constructor(bytes memory data) {
        _data = data;
    }

    function read() external view returns (bytes memory) {
        return _data;
    }
}

interface ExecLike {
    function exec() external returns (address);
}

/// @notice A spell that tries to run itself again, and then goes on.
contract ReplaySpell {
    Ledger private immutable LEDGER;
    ExecLike private immutable GUARD;

    constructor(Ledger ledger, address guard) {
        LEDGER = ledger;
        GUARD = ExecLike(guard);
    }

    function execute() external {
        LEDGER.note();
        (bool ok,) = address(GUARD).call(abi.encodeCall(ExecLike.exec, ()));
        require(!ok, "ran twice");
    }

    function isExecutable() external pure returns (bool) {
        return true;
    }
}

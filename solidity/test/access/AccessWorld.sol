// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Test } from "test/base/Test.sol";

/// @notice Calls one function as everybody and compares who is let in with who should be. Matrix.t.sol, which is
///         generated, says what to call; Deployments.sol puts each template on the table.
abstract contract AccessWorld is Test {
    bytes32 internal constant ANYONE = keccak256("anyone");
    bytes32 internal constant NOBODY = keccak256("nobody");

    /// @dev What the arguments are: zeros, the caller, or what the world knows for the template. LATE: zeros, which the
    /// function refuses before it looks at the caller, so that others need only fail.
    enum Fill {
        ZERO,
        SELF,
        KNOWN,
        LATE
    }

    /// @dev Bit i is set where word i of the arguments is an address, an id, or the offset of what has no fixed size.
    struct Words {
        uint256 addresses;
        uint256 ids;
        uint256 offsets;
    }

    string[] internal names;
    mapping(bytes32 name => address account) internal actorOf;
    mapping(bytes4 selector => bool) internal isRefusal;

    address internal knownAddress;
    bytes32 internal knownId;

    function setUp() public virtual {
        vm.warp(1_767_571_200);
        string[35] memory all = [
            "admin",
            "guard",
            "relayer",
            "settler",
            "freezer",
            "conserver",
            "revoker",
            "param",
            "setter",
            "controller",
            "unit",
            "reporter",
            "book",
            "ledger",
            "factory",
            "registry",
            "classProxy",
            "prime",
            "holder",
            "attestor",
            "deployer",
            "council",
            "sky",
            "haloProxy",
            "parent",
            "proposer",
            "canceller",
            "pauser",
            "delayed",
            "immediate",
            "configurator",
            "govops",
            "hat",
            "bud",
            "stranger"
        ];
        for (uint256 i; i < all.length; ++i) {
            names.push(all[i]);
            actorOf[keccak256(bytes(all[i]))] = makeAddr(all[i]);
        }
        _refusals();
    }

    function actor(string memory name) internal view returns (address account) {
        account = actorOf[keccak256(bytes(name))];
        vm.assertTrue(account != address(0), string.concat("no actor ", name));
    }

    /// @dev The errors that mean "not you", of all contracts.
    function _refusals() private {
        string[34] memory errors = [
            "AccessControlUnauthorizedAccount(address,bytes32)",
            "AccessControlBadConfirmation()",
            "NotRevoker(address,bytes32,bytes32)",
            "NotAuthorized(bytes32)",
            "NotAuthorized(address)",
            "NotAdmin(address)",
            "NotCouncil(address)",
            "NotUnit()",
            "NotUnit(address)",
            "NotRegistry()",
            "NotClassProxy()",
            "NotReporter()",
            "NotController()",
            "NotFactory(address)",
            "NotDeployer(address)",
            "NotGuardian(address)",
            "NotAttestor(address)",
            "NotOperator(address)",
            "EntrantNotAllowed(address)",
            "HolderNotAllowed(address)",
            "CannotAddUnit()",
            "NotFreezer(address)",
            "NotConserver(address)",
            "NotSky(address)",
            "NotHalo(address)",
            "NotOwner(address)",
            "NotWard(address)",
            "NotParent(address)",
            "NotHat(address)",
            "NotCanceller(address)",
            "NotGovernance(address)",
            "NotAccordant(address,address)",
            "NotBud(address)",
            "NotSelf(address)"
        ];
        for (uint256 i; i < errors.length; ++i) {
            isRefusal[bytes4(keccak256(bytes(errors[i])))] = true;
        }
        string[8] memory more = [
            "NotEditor(uint8)",
            "NotSteward(address)",
            "NotGuard(address)",
            "NotController(address)",
            "InvalidInitialization()",
            "AlreadyInitialized()",
            "SelfDeal()",
            "NotFreezer()"
        ];
        for (uint256 i; i < more.length; ++i) {
            isRefusal[bytes4(keccak256(bytes(more[i])))] = true;
        }
    }

    /// @param allowed names, separated by spaces
    function check(address at, string memory signature, Fill fill, Words memory words, string memory allowed)
        internal
    {
        vm.assertGt(at.code.length, 0, string.concat(signature, ": nothing is there"));
        bool anyone = keccak256(bytes(allowed)) == ANYONE;
        uint256 allowedCount;
        for (uint256 i; i < names.length; ++i) {
            address caller = actorOf[keccak256(bytes(names[i]))];
            bool should = anyone || _isIn(names[i], allowed);
            if (should) ++allowedCount;
            bytes memory data = _arguments(signature, fill, words, caller);
            uint256 before = vm.snapshotState();
            vm.prank(caller);
            (bool ok, bytes memory result) = at.call(data);
            bool refused = !ok && isRefusal[bytes4(result)];
            vm.revertToState(before);
            string memory who = string.concat(signature, " by ", names[i]);
            if (should) vm.assertFalse(refused, string.concat(who, ": refused"));
            else if (fill == Fill.LATE) vm.assertFalse(ok, string.concat(who, ": let in"));
            else vm.assertTrue(refused, string.concat(who, ": not refused"));
        }
        if (!anyone && keccak256(bytes(allowed)) != NOBODY) {
            vm.assertGt(allowedCount, 0, string.concat(signature, ": no such actor"));
        }
    }

    /// @dev The selector and 64 words. Zeros decode as every type: an offset of 0 leads to a length of 0. Where words are
    /// filled, offsets lead to zeros behind them.
    function _arguments(string memory signature, Fill fill, Words memory words, address caller)
        private
        view
        returns (bytes memory data)
    {
        data = abi.encodePacked(bytes4(keccak256(bytes(signature))), new bytes(64 * 32));
        if (fill == Fill.ZERO || fill == Fill.LATE) return data;
        address account = fill == Fill.SELF ? caller : knownAddress;
        bytes32 id = fill == Fill.SELF ? bytes32(0) : knownId;
        for (uint256 i; i < 64; ++i) {
            bytes32 word;
            if (words.addresses >> i & 1 == 1) word = bytes32(uint256(uint160(account)));
            else if (words.ids >> i & 1 == 1) word = id;
            else if (words.offsets >> i & 1 == 1) word = bytes32(uint256(48 * 32));
            else continue;
            assembly ("memory-safe") {
                mstore(add(data, add(36, mul(i, 32))), word)
            }
        }
    }

    function _isIn(string memory name, string memory list) private pure returns (bool) {
        (bytes memory n, bytes memory l) = (bytes(name), bytes(list));
        for (uint256 from; from + n.length <= l.length; ++from) {
            if (from > 0 && l[from - 1] != " ") continue;
            if (from + n.length < l.length && l[from + n.length] != " ") continue;
            uint256 at;
            while (at < n.length && l[from + at] == n[at]) {
                ++at;
            }
            if (at == n.length) return true;
        }
        return false;
    }
}

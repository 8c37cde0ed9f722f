// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { Chief } from "fixtures/Chief.sol";
import { Pause, PauseProxy } from "fixtures/Pause.sol";
import { StarGuard } from "fixtures/StarGuard.sol";
import { SubProxy } from "fixtures/SubProxy.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { HaloMom } from "src/governance/HaloMom.sol";
import { HaloSpellGuard, SpellGuardInit } from "src/governance/HaloSpellGuard.sol";
import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { ArtifactRegistry, ArtifactStatus } from "src/registry/ArtifactRegistry.sol";
import { Test } from "test/base/Test.sol";

interface VmState {
    function loadAllocs(string calldata path) external;
}

/// @notice The exact members of a role.
struct RoleSet {
    string name;
    address at;
    bytes32 role;
    address[] members;
}

/// @notice A rate limit, token units and token units per second.
struct LimitSet {
    string name;
    address at;
    bytes32 key;
    uint256 maxAmount;
    uint256 slope;
}

/// @notice The head of an artifact; all zero where nothing was ratified.
struct HeadSet {
    string name;
    bytes32 id;
    uint64 number;
    bytes32 contentHash;
    bytes32 paramsHash;
}

/// @notice What the tests of generated spells stand on: the chain as the plan leaves it, loaded from a file, and those who
/// run spells. In that chain whoever governs is an account without code, which here becomes what it is on mainnet.
abstract contract SpellWorld is Test {
    address internal stranger = makeAddr("stranger");

    Pause internal pause;
    Chief internal chief;
    HaloSpellGuard internal spellGuard;
    StarGuard internal starGuard;

    /// @dev The accounts of a genesis file, at a chain and time.
    function loadWorld(string memory path, uint256 chainId, uint256 timestamp) internal {
        VmState(address(vm)).loadAllocs(path);
        vm.chainId(chainId);
        vm.warp(timestamp);
        chief = new Chief();
    }

    // --- Those who run spells ---

    /// @dev Sky's pause, in front of its proxy.
    function installSky(address pauseProxy) internal {
        pause = new Pause(PauseProxy(pauseProxy));
        installAs(address(pause), pauseProxy, type(PauseProxy).creationCode);
    }

    /// @dev The Halo's SubProxy behind its spell guard.
    function installHalo(address halo, address parent, address sky) internal {
        install(halo, abi.encodePacked(type(HaloSubProxy).creationCode, abi.encode(address(this))));
        address[] memory cancellers = new address[](1);
        cancellers[0] = makeAddr("canceller");
        spellGuard = HaloSpellGuard(Clones.clone(address(new HaloSpellGuard())));
        spellGuard.initialize(SpellGuardInit(halo, parent, sky, address(0), 1 days, 7 days, cancellers));
        HaloSubProxy(halo).rely(address(spellGuard));
        HaloSubProxy(halo).deny(address(this));
    }

    /// @dev A Prime's SubProxy behind its StarGuard.
    function installPrime(address subProxy, address sky) internal {
        install(subProxy, type(SubProxy).creationCode);
        starGuard = new StarGuard(subProxy);
        starGuard.rely(sky);
        SubProxy(subProxy).rely(address(starGuard));
        SubProxy(subProxy).deny(address(this));
    }

    /// @dev Sky names the Chief to a Mom.
    function crown(address mom, address sky) internal {
        vm.prank(sky);
        HaloMom(mom).setAuthority(address(chief));
    }

    // --- Their roads ---

    /// @dev Sky's spell: plotted, waited for, run by anyone as the pause proxy.
    function castBySky(address spell) internal {
        bytes memory fax = abi.encodeWithSignature("execute()");
        uint256 eta = block.timestamp + pause.delay();
        pause.plot(spell, spell.codehash, fax, eta);
        vm.warp(eta);
        beforeCast();
        vm.prank(stranger);
        pause.exec(spell, spell.codehash, fax, eta);
        vm.expectRevert("ds-pause-unplotted-plan");
        pause.exec(spell, spell.codehash, fax, eta);
    }

    /// @dev The Halo's spell: plotted by the Prime above, waited for, run by anyone as the SubProxy, and only once.
    function castByHalo(address spell) internal {
        vm.prank(spellGuard.parent());
        spellGuard.plot(spell, spell.codehash);
        vm.warp(spellGuard.plotted().eta);
        beforeCast();
        vm.assertTrue(spellGuard.isReady(), "the spell says that it is not its time");
        vm.prank(stranger);
        spellGuard.exec();
        vm.expectRevert(HaloSpellGuard.NothingPlotted.selector);
        spellGuard.exec();
    }

    /// @dev The Prime's spell: plotted by Sky, run by anyone as the SubProxy, and only once.
    function castByPrime(address spell) internal {
        vm.prank(address(pause.proxy()));
        starGuard.plot(spell, spell.codehash);
        vm.prank(stranger);
        starGuard.exec();
        vm.expectRevert("StarGuard/empty-spell-data");
        starGuard.exec();
    }

    /// @dev The hat's spell: it acts when it is scheduled, without delay.
    function castByHat(address spell) internal {
        chief.lift(spell);
        vm.prank(stranger);
        (bool ok,) = spell.call(abi.encodeWithSignature("schedule()"));
        vm.assertTrue(ok, "the hat's spell acts at once");
    }

    /// @dev Everything that waits in the timelock, executed by anyone when its time has come.
    function executeScheduled(address timelock) internal {
        BeamTimelock lock = BeamTimelock(timelock);
        vm.assertEq(lock.getNextExecutableOperation(0), 0, "nothing executes before its time");
        skip(lock.delay());
        uint256 pending = lock.pendingCount();
        vm.assertGt(pending, 0, "something was scheduled");
        for (uint256 i; i < pending; ++i) {
            bytes32 next = lock.getNextExecutableOperation(0);
            vm.prank(stranger);
            lock.executeBatch(next);
        }
        vm.assertEq(lock.pendingCount(), 0, "nothing is left");
    }

    /// @dev What else happens while a spell waits, such as heartbeats.
    function beforeCast() internal virtual { }

    // --- What must hold ---

    function assertRoles(RoleSet[] memory sets) internal view {
        for (uint256 i; i < sets.length; ++i) {
            RoleSet memory set = sets[i];
            AccessControls at = AccessControls(set.at);
            vm.assertEq(at.getRoleMemberCount(set.role), set.members.length, set.name);
            for (uint256 j; j < set.members.length; ++j) {
                vm.assertTrue(at.hasRole(set.role, set.members[j]), set.name);
            }
        }
    }

    function assertLimits(LimitSet[] memory sets) internal view {
        for (uint256 i; i < sets.length; ++i) {
            LimitSet memory set = sets[i];
            RateLimitData memory found = RateLimits(set.at).getRateLimitData(set.key);
            vm.assertEq(found.maxAmount, set.maxAmount, set.name);
            vm.assertEq(found.slope, set.slope, set.name);
        }
    }

    function assertHeads(address artifacts, HeadSet[] memory sets) internal view {
        for (uint256 i; i < sets.length; ++i) {
            HeadSet memory set = sets[i];
            (uint64 number, bytes32 contentHash, bytes32 paramsHash, ArtifactStatus status) =
                ArtifactRegistry(artifacts).head(set.id);
            vm.assertEq(uint256(number), uint256(set.number), set.name);
            vm.assertEq(contentHash, set.contentHash, set.name);
            vm.assertEq(paramsHash, set.paramsHash, set.name);
            vm.assertTrue(status == ArtifactStatus.ACTIVE || set.number == 0, set.name);
        }
    }

    // --- Tools ---

    /// @dev Runs a constructor at an address of our choice.
    function install(address at, bytes memory initCode) internal {
        installAs(address(this), at, initCode);
    }

    function installAs(address creator, address at, bytes memory initCode) internal {
        vm.assertEq(at.code.length, 0, "something stands there");
        vm.etch(at, initCode);
        vm.prank(creator);
        (bool ok, bytes memory runtime) = at.call("");
        vm.assertTrue(ok, "the constructor reverts");
        vm.etch(at, runtime);
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Errors } from "@openzeppelin/contracts/utils/Errors.sol";

import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { Test } from "test/base/Test.sol";
import { CallSpell, Ledger } from "test/mocks/governance/Spells.sol";

contract HaloSubProxyTest is Test {
    HaloSubProxy private proxy;
    Ledger private ledger;
    address private ward = makeAddr("ward");
    address private stranger = makeAddr("stranger");

    function setUp() public {
        proxy = new HaloSubProxy(ward);
        ledger = new Ledger();
    }

    function test_runsASpellAsItself() public {
        CallSpell spell = new CallSpell(address(ledger), abi.encodeCall(Ledger.note, ()), "");
        bytes memory data = abi.encodeCall(CallSpell.execute, ());
        vm.expectEmit(address(proxy));
        emit HaloSubProxy.Executed(address(spell), data);
        vm.prank(ward);
        proxy.exec(address(spell), data);
        vm.assertEq(ledger.calls(address(proxy)), 1, "as itself");
        vm.assertEq(ledger.calls(address(spell)), 0, "not as the spell");
    }

    function test_handsTheReasonUpUnchanged() public {
        CallSpell spell = new CallSpell(address(ledger), hex"deadbeef", "");
        vm.prank(ward);
        vm.expectRevert(abi.encodeWithSelector(CallSpell.Refused.selector, ""));
        proxy.exec(address(spell), abi.encodeCall(CallSpell.execute, ()));
    }

    function test_nothingToRun() public {
        vm.startPrank(ward);
        vm.expectRevert(abi.encodeWithSelector(Address.AddressEmptyCode.selector, stranger));
        proxy.exec(stranger, "");
        vm.expectRevert(Errors.FailedCall.selector);
        proxy.exec(address(ledger), hex"deadbeef");
    }

    function test_returnsWhatTheSpellReturns() public {
        vm.prank(ward);
        bytes memory result = proxy.exec(address(ledger), abi.encodeCall(ledger.calls, (ward)));
        // The ledger's table of calls is at slot 0, and so is the proxy's own table of wards.
        vm.assertEq(result, abi.encode(1), "what lies in the proxy");
    }

    function test_wards() public {
        vm.expectRevert(abi.encodeWithSelector(HaloSubProxy.ZeroAddress.selector, bytes32("ward")));
        new HaloSubProxy(address(0));

        vm.startPrank(stranger);
        bytes memory refusal = abi.encodeWithSelector(HaloSubProxy.NotWard.selector, stranger);
        vm.expectRevert(refusal);
        proxy.exec(address(ledger), abi.encodeCall(Ledger.note, ()));
        vm.expectRevert(refusal);
        proxy.rely(stranger);
        vm.expectRevert(refusal);
        proxy.deny(ward);
        vm.stopPrank();

        vm.startPrank(ward);
        vm.expectEmit(address(proxy));
        emit HaloSubProxy.Rely(stranger);
        proxy.rely(stranger);
        vm.expectEmit(address(proxy));
        emit HaloSubProxy.Deny(ward);
        proxy.deny(ward);
        vm.expectRevert(abi.encodeWithSelector(HaloSubProxy.NotWard.selector, ward));
        proxy.rely(ward);
        vm.stopPrank();
        vm.assertEq(proxy.wards(stranger), 1, "new ward");
        vm.assertEq(proxy.wards(ward), 0, "old ward");
    }
}
